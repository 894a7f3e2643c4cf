import type { NoProposal, Proposal } from "#proposals";
import { PlaygroundRefusal, type PlaygroundControls } from "#sources";
import { noProposalSentence, presentNoProposal, proposalTitle, type MeshIdentityView, type ProposalView } from "#view";
import { refused, type Answer, type Done, type Refused } from "./answer.ts";
import type { Picture } from "./picture.ts";
import type { Stages } from "./stages.ts";

/** What is left out stays as it is. */
export interface PlaygroundSettings {
  readonly resolvePeersByAddress?: boolean | undefined;
  readonly accessLogs?: boolean | undefined;
  readonly scene?: string | undefined;
}

/** Proposals, and where they may be tried out: the simulated mesh only. */
export class Playground {
  readonly #controls: PlaygroundControls | null;
  readonly #stages: Stages;

  constructor(controls: PlaygroundControls | null, stages: Stages) {
    this.#controls = controls;
    this.#stages = stages;
  }

  identity(): Pick<MeshIdentityView, "simulated" | "playground"> {
    if (this.#controls === null) return { simulated: false, playground: null };
    const { scene, scenes, resolvePeersByAddress, accessLogs, applied } = this.#controls;
    return { simulated: true, playground: { scene, scenes, resolvePeersByAddress, accessLogs, applied } };
  }

  proposal(picture: Picture, id: string): Answer {
    const proposal = this.#propose(picture, id);
    if (proposal.kind === "proposal") return picture.page(`proposal ${id}`, () => this.#present(picture, proposal), "");
    if (proposal.kind === "refused" || proposal.because === "no such scope") return refusedProposal(proposal);
    return picture.page(`proposal ${id}`, () => presentNoProposal(picture.verdicts, proposal), "");
  }

  apply(picture: Picture, id: string): Done | Refused {
    if (this.#controls === null) return notPlayground();
    const proposal = this.#propose(picture, id);
    if (proposal.kind !== "proposal") return refusedProposal(proposal);
    const controls = this.#controls;
    return attempt(() => ({ id: controls.apply(proposalTitle(proposal), proposal.change) }));
  }

  undo(id: string): Done | Refused {
    if (this.#controls === null) return notPlayground();
    const controls = this.#controls;
    if (!controls.applied.some((change) => change.id === id)) return refused(404, "not_found", `no applied change \`${id}\`: it may have been undone already`);
    return attempt(() => {
      controls.undo(id);
      return { id };
    });
  }

  set({ resolvePeersByAddress, accessLogs, scene }: PlaygroundSettings): Done | Refused {
    if (this.#controls === null) return notPlayground();
    const scenes = this.#controls.scenes.map(({ id }) => id);
    if (scene !== undefined && !scenes.includes(scene)) return refused(404, "not_found", `no scene \`${scene}\`; there are ${scenes.map((id) => `\`${id}\``).join(", ")}`);
    if (scene !== undefined) this.#controls.openScene(scene);
    if (resolvePeersByAddress !== undefined) this.#controls.setResolvePeersByAddress(resolvePeersByAddress);
    if (accessLogs !== undefined) this.#controls.setAccessLogs(accessLogs);
    return { kind: "done", told: { playground: this.identity().playground } };
  }

  #present({ verdicts, view: { sources } }: Picture, proposal: Proposal): ProposalView {
    return this.#stages.presentProposal(verdicts, this.#stages.preview(verdicts, proposal), { sources, applicable: this.#controls !== null });
  }

  #propose(picture: Picture, id: string): Proposal | NoProposal | Refused {
    return this.#stages.propose(picture.verdicts, id) ?? refused(404, "not_found", `no proposal \`${id}\`; ids are \`mesh\`, \`namespace:NAME\` and \`workload:NAMESPACE/NAME\``);
  }
}

/** A change that does not fit the mesh as it is now is the asker's to sort out, not a fault. */
function attempt(work: () => Record<string, string>): Done | Refused {
  try {
    return { kind: "done", told: work() };
  } catch (error) {
    if (error instanceof PlaygroundRefusal) return refused(409, "does_not_fit", error.message);
    throw error;
  }
}

function refusedProposal(proposal: NoProposal | Refused): Refused {
  if (proposal.kind === "refused") return proposal;
  const message = `nothing is proposed for \`${proposal.id}\`: ${noProposalSentence(proposal)}`;
  return proposal.because === "no such scope" ? refused(404, "not_found", message) : refused(409, "nothing_to_propose", message);
}

function notPlayground(): Refused {
  return refused(409, "not_playground", "this is no playground, and mtlscope only reads clusters: copy the manifest and apply it with kubectl");
}
