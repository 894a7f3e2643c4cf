import type { Metadata } from "next";
import { connection } from "next/server";
import { presentRules } from "#view";
import { RuleList } from "../../components/rules/RuleList.tsx";

export const metadata: Metadata = { title: "Rules" };

export default async function Page() {
  await connection();
  return <RuleList rules={presentRules()} />;
}
