import { connection } from "next/server";
import { OverviewPage } from "../components/overview/OverviewPage.tsx";

export default async function Page() {
  await connection();
  return <OverviewPage />;
}
