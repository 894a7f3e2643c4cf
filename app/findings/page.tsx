import type { Metadata } from "next";
import { connection } from "next/server";
import { FindingsPage } from "../../components/findings/FindingsPage.tsx";

export const metadata: Metadata = { title: "Findings" };

export default async function Page() {
  await connection();
  return <FindingsPage />;
}
