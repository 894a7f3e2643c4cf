import type { Configuration, MeshJudge, MeshSnapshot, MeshVerdicts } from "#mesh";
import { Picture } from "./picture.ts";
import type { Circumstances, Stages } from "./stages.ts";

/** Judges the newest configuration, once for everybody who shows it. */
export class Judging {
  readonly stages: Stages;
  #judged: { readonly configuration: Configuration; readonly judge: MeshJudge } | null = null;

  constructor(stages: Stages) {
    this.stages = stages;
  }

  judge(configuration: Configuration): MeshJudge {
    if (this.#judged?.configuration !== configuration) this.#judged = { configuration, judge: this.stages.judge(configuration, this.#judged?.judge) };
    return this.#judged.judge;
  }
}

/** Draws the pictures of one window; a configuration is judged once, however often telemetry changes beside it, and of the next one only what changed. */
export class Painter {
  readonly #judging: Judging;
  #evaluated: MeshVerdicts | null = null;

  constructor(judging: Judging) {
    this.#judging = judging;
  }

  paint(snapshot: MeshSnapshot, circumstances: Circumstances): Picture {
    const before = this.#evaluated;
    const verdicts = this.#evaluate(snapshot);
    return new Picture(this.#judging.stages.presentWhole(verdicts, { ...circumstances, before }), verdicts);
  }

  #evaluate(snapshot: MeshSnapshot): MeshVerdicts {
    const last = this.#evaluated;
    if (last?.snapshot.configuration === snapshot.configuration && last.snapshot.telemetry === snapshot.telemetry) return last;
    const verdicts = this.#judging.stages.evaluate(snapshot, this.#judging.judge(snapshot.configuration), last);
    this.#evaluated = verdicts;
    return verdicts;
  }
}
