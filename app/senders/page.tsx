import type { Metadata } from "next";
import { connection } from "next/server";
import { SendersPage } from "../../components/senders/SendersPage.tsx";

export const metadata: Metadata = { title: "Plaintext senders" };

export default async function Page() {
  await connection();
  return <SendersPage />;
}
