import type { Answer } from "../answer.ts";

/** Who has the picture before takes the change: the whole picture is made when asked for, or when nothing has changed for so long. */
const WHOLE_AFTER_MS = 1_000;

/** The whole picture of the newest revision, kept so that it is sent without waiting for the thread that makes it. */
export class WholePicture {
  readonly #make: () => Promise<Answer>;
  #made: Promise<Answer> | null = null;
  #making: NodeJS.Timeout | undefined;
  #isThere = false;

  constructor(make: () => Promise<Answer>) {
    this.#make = make;
  }

  /** whether there is a picture of which the whole can be made */
  get isThere(): boolean {
    return this.#isThere;
  }

  async newest(): Promise<Answer> {
    clearTimeout(this.#making);
    this.#made ??= this.#make();
    return await this.#made;
  }

  /** There is a newer one. @param isTold to those who have the one before: they need not ask for it */
  renewed({ isTold }: { readonly isTold: boolean }): void {
    this.#isThere = true;
    this.#made = null;
    clearTimeout(this.#making);
    this.#making = setTimeout(() => void this.newest(), isTold ? WHOLE_AFTER_MS : 0).unref();
  }

  /** Nobody makes it any more. */
  lost(): void {
    this.#isThere = false;
    this.#made = null;
    clearTimeout(this.#making);
  }
}
