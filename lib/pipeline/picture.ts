import type { MeshVerdicts } from "#mesh";
import type { SourceStatus } from "#sources";
import type { MeshView } from "#view";
import { pageOf, refused, type Answer, type Page } from "./answer.ts";
import { gzippedPage } from "./gzippedPage.ts";

/** One revision: what was judged, how it looks, and the pages made of it so far. */
export class Picture {
  readonly view: MeshView;
  readonly verdicts: MeshVerdicts;
  readonly #pages = new Map<string, Answer>();
  #whole: Promise<Page> | null = null;

  constructor(view: MeshView, verdicts: MeshVerdicts) {
    this.view = view;
    this.verdicts = verdicts;
  }

  get revision(): number {
    return this.view.revision;
  }

  async whole(): Promise<Page> {
    this.#whole ??= gzippedPage(this.view);
    return await this.#whole;
  }

  /** A page of this revision; made when first asked for. `present` gives `undefined` for what does not exist. */
  page(key: string, present: (verdicts: MeshVerdicts) => unknown, missing: string): Answer {
    const kept = this.#pages.get(key);
    if (kept !== undefined) return kept;
    const view = present(this.verdicts);
    if (view === undefined) return refused(404, "not_found", missing);
    const made = pageOf(this.revision, view);
    this.#pages.set(key, made);
    return made;
  }
}

/** The last picture, when the newest could not be drawn: it says so itself. */
export function outdated(picture: Picture, revision: number, sources: readonly SourceStatus[]): Picture {
  return new Picture({ ...picture.view, revision, sources }, picture.verdicts);
}
