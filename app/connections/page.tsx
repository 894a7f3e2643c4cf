import type { Metadata } from "next";
import { connection } from "next/server";
import { ConnectionsPage } from "../../components/connections/ConnectionsPage.tsx";

export const metadata: Metadata = { title: "Connections" };

export default async function Page() {
  await connection();
  return <ConnectionsPage />;
}
