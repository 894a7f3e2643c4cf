/** JSON, ready to be sent: as text in UTF-8, or that gzipped. */
export interface Page {
  readonly kind: "page";
  readonly encoding: "identity" | "gzip";
  /** the revision that it shows; `null` where it tells what was done instead */
  readonly revision: number | null;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Why there is no page: an HTTP status, a word for programs, a sentence for people. */
export interface Refused {
  readonly kind: "refused";
  readonly status: 404 | 409 | 422 | 500 | 503;
  readonly code: string;
  readonly message: string;
}

export type Answer = Page | Refused;

/** Something was changed in the playground; `told` goes to who asked for it. */
export interface Done {
  readonly kind: "done";
  readonly told: object;
}

export function pageOf(revision: Page["revision"], view: unknown): Page {
  return { kind: "page", encoding: "identity", revision, bytes: new TextEncoder().encode(JSON.stringify(view)) };
}

export function refused(status: Refused["status"], code: string, message: string): Refused {
  return { kind: "refused", status, code, message };
}
