import { connection } from "next/server";
import { Probe } from "../components/Probe.tsx";

export default async function Page() {
  await connection();
  return <Probe />;
}
