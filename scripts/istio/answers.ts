// Answers of Istio's own code beside the engine's: `npm run -s istio -- FILE...` (files of the conformance format)
// One JSON object per question on standard output. Exit 0: they agree wherever Istio's control plane decides; 1: they do not.
import { answersOfIstio, answersOfOurs, build, decided, FIELDS } from "./istio.ts";
import type { Answer } from "./istio.ts";

function fieldsOf(answer: Answer | undefined): Answer {
  return Object.fromEntries(FIELDS.filter((field) => answer?.[field] !== undefined).map((field) => [field, answer?.[field]]));
}

function told(path: string): number {
  const ours = answersOfOurs(path);
  const lines = [...answersOfIstio(path)].map(([id, istio]) => {
    const differ = decided(istio).filter((field) => istio[field] !== ours.get(id)?.[field]);
    return { id, istio: fieldsOf(istio), ours: fieldsOf(ours.get(id)), basis: istio.basis, note: istio.note, differ };
  });
  for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  return lines.filter(({ differ }) => differ.length > 0).length;
}

const paths = process.argv.slice(2);
if (paths.length === 0) {
  process.stderr.write("usage: npm run -s istio -- FILE...\n");
  process.exitCode = 2;
} else {
  build();
  process.exitCode = paths.map(told).some((differing) => differing > 0) ? 1 : 0;
}
