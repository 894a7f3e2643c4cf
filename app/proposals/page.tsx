import type { Metadata } from "next";
import { connection } from "next/server";
import { ProposalsPage } from "../../components/proposals/ProposalsPage.tsx";

export const metadata: Metadata = { title: "Proposals" };

export default async function Page() {
  await connection();
  return <ProposalsPage />;
}
