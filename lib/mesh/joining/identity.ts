import type { Sent } from "../client/sent.ts";
import type { TlsBlock } from "../client/clientTls.ts";
import type { Deduction, Evidence } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { Instance, InstanceClass } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import type { Registry } from "../registry/registry.ts";
import type { RegistryService } from "../registry/service.ts";
import type { SpiffeId } from "../vocabulary.ts";

/** The SPIFFE identity in the certificate of an instance's proxy. */
export function identityOf(view: IstiodView, of: InstanceClass): SpiffeId {
  return `spiffe://${view.settings.mesh.trustDomain}/ns/${of.namespace}/sa/${of.serviceAccountName === "" ? "default" : of.serviceAccountName}` as SpiffeId;
}

/** Identities that clients accept of a service: those of its endpoints, as istiod was told them. */
export class ServiceIdentities {
  readonly #registry: Registry;
  readonly #known = new Map<RegistryService, ReadonlySet<string>>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  of(service: RegistryService): ReadonlySet<string> {
    const accounts = this.#known.get(service) ?? this.#collect(service);
    this.#known.set(service, accounts);
    return accounts;
  }

  #collect(service: RegistryService): ReadonlySet<string> {
    const endpoints = service.ports.flatMap((port) => this.#registry.endpoints.of(service, port));
    return new Set(endpoints.map(({ serviceAccount }) => serviceAccount).filter((account) => account !== null));
  }
}

/** The service account that an instance runs with, as `namespace/name`. */
export function accountOf(of: InstanceClass): string {
  return `${of.namespace}/${of.serviceAccountName === "" ? "default" : of.serviceAccountName}`;
}

interface Handshake {
  readonly view: IstiodView;
  readonly serverView: IstiodView;
  readonly identities: ServiceIdentities;
  readonly sent: Sent;
  readonly server: Instance;
}

function namesWanted({ tls, evidence }: TlsBlock): Evidence {
  const field = (evidence.field ?? "").replace(/\.mode$/, ".subjectAltNames");
  return { ...evidence, field, value: tls.subjectAltNames.join(", ") };
}

/** Whether the client accepts whom it finds. */
function clientAccepts({ view, identities, sent, server }: Handshake): Deduction<boolean> {
  const trail = new Trail();
  if (sent.at === null) return trail.found(true);
  const tls = sent.mode === "DR_ISTIO_MUTUAL" ? (sent.policy?.tls ?? null) : null;
  if (tls !== null && tls.tls.subjectAltNames.length > 0) {
    const accepted = tls.tls.subjectAltNames.includes(identityOf(view, server.class));
    if (!accepted) trail.because("ID-2", namesWanted(tls));
    return trail.found(accepted);
  }
  const accounts = identities.of(sent.at.service);
  if (accounts.has(accountOf(server.class))) return trail.found(true);
  trail.lacks(view.registry.endpoints.gaps(sent.at.service));
  const accepted = accounts.size === 0;
  if (!accepted) trail.because("ID-1", { object: sent.at.service.ref, value: identityOf(view, server.class) });
  return trail.found(accepted);
}

/** Whether the server accepts the client's trust domain. */
function serverAccepts({ view, serverView, server }: Handshake): Deduction<boolean> {
  const trail = new Trail();
  const { mesh } = serverView.settings;
  trail.lacks(view.settings.meshDoubtOn("trustDomain")).lacks(serverView.settings.meshDoubtOn("trustDomain", "trustDomainAliases", "caTrustDomains"));
  const theirs = view.settings.mesh.trustDomain;
  if (mesh.trustDomain === theirs || mesh.trustDomainAliases.includes(theirs) || mesh.caTrustDomains.includes(theirs)) return trail.found(true);
  if (trail.follow(serverView.settings.flag("PILOT_SKIP_VALIDATE_TRUST_DOMAIN", false))) return trail.found(true);
  return trail.because("ID-3", { object: server.object, value: theirs }).found(false);
}

/** Whether a handshake of Istio's mTLS between these two succeeds. */
export function handshakes(handshake: Handshake): Deduction<boolean> {
  const trail = new Trail();
  const accepted = trail.follow(serverAccepts(handshake));
  return trail.found(accepted && trail.follow(clientAccepts(handshake)));
}
