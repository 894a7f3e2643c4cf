import type { Engine } from "../engine.ts";
import { ambientPolicies } from "./ambientPolicies.ts";
import { refusedApiServerCalls } from "./apiServerCalls.ts";
import { attachedPolicies } from "./attachedPolicies.ts";
import { authorizationSurprises, lostAuthorization } from "./authorizationSurprises.ts";
import { clientTlsSurprises } from "./clientTlsSurprises.ts";
import { endpointMarks, plainToAmbient, tunnels } from "./endpointMarks.ts";
import type { Finding } from "./finding.ts";
import { gatewaySurprises } from "./gatewaySurprises.ts";
import { hiddenRules } from "./hiddenRules.ts";
import { unexported, unimported } from "./hiddenServices.ts";
import { ignoredPolicies, servicePortKeys, unmatchedPolicies } from "./ignoredPolicies.ts";
import { Ledger } from "./ledger.ts";
import { lostRules } from "./lostRules.ts";
import { envoyFilters, proxyUsers, scrapedPorts, uninjected } from "./podSurprises.ts";
import { entryConflicts, protocolConflicts } from "./protocols.ts";
import { deadRoutes } from "./routes.ts";
import { RulesFor } from "./rulesFor.ts";
import { plainEntries } from "./serviceEntries.ts";
import { ambientSidecars, ingressTls, unusedSidecars } from "./sidecarSurprises.ts";
import { Survey } from "./survey.ts";
import { misreadPolicies, unenforcedPolicies } from "./unenforcedPolicies.ts";

/** About servers: what their policies, labels and ports come to. */
const OF_SERVERS = [
  ignoredPolicies, servicePortKeys, unmatchedPolicies, unenforcedPolicies, misreadPolicies, ambientPolicies, endpointMarks, tunnels, plainToAmbient, uninjected, proxyUsers, scrapedPorts,
  envoyFilters, refusedApiServerCalls, protocolConflicts, entryConflicts, ingressTls, ambientSidecars, gatewaySurprises, authorizationSurprises, lostAuthorization, attachedPolicies,
] as const;

/** About clients, as one control plane tells them. */
const OF_CLIENTS = [lostRules, hiddenRules, clientTlsSurprises, deadRoutes, unusedSidecars, unimported, unexported, plainEntries] as const;

/**
 * Configuration that does not do what it seems to do, worst first. Each was put to the engine: without its consequence it
 * is no finding, and where something that it depends on was not read it is none either.
 *
 * @see rules FND-1 to FND-78 in SPEC.md beside this file
 */
export function findingsOf(engine: Engine): readonly Finding[] {
  const survey = new Survey(engine);
  const ledger = new Ledger();
  for (const look of OF_SERVERS) look(survey, ledger);
  for (const { view } of survey.revisions) {
    const rules = new RulesFor(survey, view);
    for (const look of OF_CLIENTS) look(survey, ledger, rules);
  }
  return ledger.findings;
}
