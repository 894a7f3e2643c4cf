// `npm run -s snapshot -- FILE`: saves what can be read of a mesh, once, for a bug report or for looking at it elsewhere. Node's built-ins only.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { MESH_HELP, MESH_OPTIONS, meshEnvironment, parseOptions, pathOf, USAGE_ERROR, UsageError } from "./meshOptions.mjs";
import { CHECKOUT, ensureDependencies, pinnedNode } from "./prepare.mjs";

const HELP = `npm run -s snapshot -- [options] FILE

Reads the cluster and its telemetry once and saves what was read as gzip JSON, without secrets and tokens.
\`npm start -- --snapshot FILE\` opens it.

${MESH_HELP}
  --overwrite          replace FILE if it is there
  --help               this text`;

/** Asked before anything is read: a large mesh takes a while. */
function target(file, overwrite) {
  const path = pathOf(file);
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new UsageError(`${file}: there is no folder ${folder}; make it first`);
  if (!existsSync(path)) return path;
  if (!statSync(path).isFile()) throw new UsageError(`${file}: this is no file, and cannot be replaced by one`);
  if (!overwrite) throw new UsageError(`${file} is there already: choose another name, or replace it with --overwrite`);
  return path;
}

async function save() {
  const { values, positionals } = parseOptions({ options: { ...MESH_OPTIONS, overwrite: { type: "boolean" }, help: { type: "boolean" } }, allowPositionals: true }, HELP);
  if (values.help === true) return console.log(HELP);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError(`name one file to save to\n\n${HELP}`);
  const environment = meshEnvironment(values);
  const path = target(file, values.overwrite === true);
  if (!(await ensureDependencies())) throw new Error("npm ci failed; the lines above say why");
  const saving = spawn(pinnedNode(), ["scripts/snapshot/save.ts", path], { cwd: CHECKOUT, stdio: "inherit", env: { ...process.env, ...environment } });
  saving.once("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}

try {
  await save();
} catch (error) {
  console.error(`mtlscope: ${error.message}`);
  process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
}
