import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

/** What an operator may want to know of the process and of the thread that serves. */
export class ServingMetrics {
  readonly #registry = new Registry();
  readonly #restarts = new Counter({ name: "mtlscope_thread_restarts_total", help: "How often the thread that reads the mesh ended and was started again", registers: [this.#registry] });
  readonly #up = new Gauge({ name: "mtlscope_thread_up", help: "1 while the thread that reads the mesh runs", registers: [this.#registry] });
  readonly #answered = new Counter({ name: "mtlscope_questions_total", help: "Questions to the thread that reads the mesh, by kind", labelNames: ["question"], registers: [this.#registry] });
  readonly #subscribers: Gauge;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    this.#subscribers = new Gauge({ name: "mtlscope_subscribers", help: "Open event streams", registers: [this.#registry] });
  }

  asked(question: string): void {
    this.#answered.inc({ question });
  }

  restarted(): void {
    this.#restarts.inc();
  }

  async text({ isUp, subscribers }: { readonly isUp: boolean; readonly subscribers: number }): Promise<string> {
    this.#up.set(isUp ? 1 : 0);
    this.#subscribers.set(subscribers);
    return await this.#registry.metrics();
  }
}
