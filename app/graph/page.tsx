import type { Metadata } from "next";
import { connection } from "next/server";
import { GraphPage } from "../../components/graphPage/GraphPage.tsx";

export const metadata: Metadata = { title: "Graph" };

export default async function Page() {
  await connection();
  return <GraphPage />;
}
