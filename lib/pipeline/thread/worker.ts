import { parentPort, workerData } from "node:worker_threads";
import { log, Misconfiguration, openSources, readConfig, traceOf } from "#sources";
import { refused, type Answer } from "../answer.ts";
import type { Health } from "../health.ts";
import { MeshPipeline } from "../pipeline.ts";
import { STAGES } from "../stages.ts";
import { Calm, threadHeap } from "./calm.ts";
import type { Asked, FromWorker, ToWorker, WorkerData } from "./messages.ts";

// The thread in which everything about the mesh happens.

const calm = new Calm(threadHeap());

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

async function answerTo(pipeline: MeshPipeline, { question, args }: Asked): Promise<Answer> {
  const answer = pipeline[question].bind(pipeline) as (...values: Asked["args"]) => Promise<Answer>;
  try {
    return await answer(...args);
  } catch (error) {
    log("error", "a question failed", { question, because: traceOf(error) });
    return refused(500, "internal", "this could not be answered: this is a fault of mtlscope, please report it");
  }
}

async function stop(pipeline: MeshPipeline): Promise<never> {
  await pipeline.stop();
  process.exit(0);
}

function hear(pipeline: MeshPipeline, message: ToWorker): void {
  switch (message.kind) {
    case "areYouThere":
      tell({ kind: "here" });
      return;
    case "stop":
      void stop(pipeline);
      return;
    case "ask":
      calm.asked();
      void answerTo(pipeline, message).then((answer) => { tell({ kind: "answer", id: message.id, answer }); });
  }
}

/** Told after each picture. */
function drawn(health: Health): void {
  calm.drawn();
  tell({ kind: "health", health });
}

function serve(pipeline: MeshPipeline): void {
  pipeline.subscribe({ view: (event) => { tell({ kind: "view", event }); }, halted: () => undefined, end: () => undefined });
  parentPort?.on("message", (message: ToWorker) => {
    hear(pipeline, message);
  });
  tell({ kind: "open" });
}

try {
  const { revision } = workerData as WorkerData;
  serve(new MeshPipeline(await openSources(readConfig()), STAGES, { revision, onHealth: drawn }));
} catch (error) {
  // anything else is a fault of ours, and ends the thread with its stack
  if (!(error instanceof Misconfiguration)) throw error;
  tell({ kind: "misconfigured", message: error.message });
}
