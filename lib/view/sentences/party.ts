import type { Party } from "#mesh";

/** How a person names one end of a connection. An unidentified sender is named by the server it sends to. */
export function partyName(party: Party, server: Party): string {
  switch (party.kind) {
    case "workload":
      return party.id;
    case "node":
      return `node ${party.name}`;
    case "address":
      return party.address;
    case "external":
      return party.host;
    case "unidentified":
      return server.kind === "unidentified" ? "unidentified" : `unidentified sender to ${partyName(server, { kind: "unidentified" })}`;
  }
}
