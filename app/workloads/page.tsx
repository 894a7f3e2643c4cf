import type { Metadata } from "next";
import { connection } from "next/server";
import { WorkloadsPage } from "../../components/workloads/WorkloadsPage.tsx";

export const metadata: Metadata = { title: "Workloads" };

export default async function Page() {
  await connection();
  return <WorkloadsPage />;
}
