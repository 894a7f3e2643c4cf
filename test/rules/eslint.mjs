// What the compiler and the import rules cannot see: ambient impurity, loose types, size.
import tseslint from "typescript-eslint";

const OUTSIDE = [
  "fetch", "process", "globalThis", "window", "document", "localStorage", "sessionStorage", "crypto",
  "performance", "console", "setTimeout", "setInterval", "queueMicrotask", "XMLHttpRequest", "WebSocket", "EventSource",
];

const typed = {
  files: ["**/*.ts", "**/*.tsx"],
  extends: [tseslint.configs.strictTypeChecked],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: process.cwd() } },
  rules: {
    "@typescript-eslint/switch-exhaustiveness-check": ["error", { allowDefaultCaseForExhaustiveSwitch: false }],
    "@typescript-eslint/consistent-type-imports": "error",
    // numbers in template strings are what a dashboard is made of
    "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    // `string & {}` keeps a union's literals visible beside values Istio may add
    "@typescript-eslint/no-redundant-type-constituents": "off",
    "no-restricted-syntax": ["error", { selector: "TSEnumDeclaration", message: "A const array, and the union derived from it." }],
  },
};

const size = {
  files: ["lib/**/*.ts"],
  rules: {
    "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
    complexity: ["error", 10],
    "max-depth": ["error", 3],
    "max-params": ["error", 3],
  },
};

const drawing = {
  files: ["components/**/*.{ts,tsx}", "app/**/*.{ts,tsx}", "pages/**/*.ts"],
  rules: {
    "max-lines": ["error", { max: 200, skipBlankLines: true, skipComments: true }],
    "max-lines-per-function": ["error", { max: 100, skipBlankLines: true, skipComments: true }],
    complexity: ["error", 12],
  },
};

const CLOCK = "Pure room: the only clock is snapshot.capturedAtMs.";

const pure = {
  files: ["lib/mesh/**/*.ts", "lib/proposals/**/*.ts", "lib/view/**/*.ts"],
  rules: {
    "no-restricted-globals": ["error", ...OUTSIDE.map((name) => ({ name, message: "Pure room: the outside world is an argument." }))],
    "no-restricted-properties": [
      "error",
      { object: "Date", property: "now", message: CLOCK },
      { object: "Math", property: "random", message: "Pure room: no chance." },
    ],
    "no-restricted-syntax": [
      "error",
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
      { selector: "CallExpression[callee.name='Date']", message: CLOCK },
      { selector: ":function[async=true]", message: "Pure room: nothing waits." },
      { selector: "TSEnumDeclaration", message: "A const array, and the union derived from it." },
      { selector: "ExportDefaultDeclaration", message: "Named exports." },
    ],
    "no-param-reassign": ["error", { props: true, ignorePropertyModificationsForRegex: ["^(memo|index|into)"] }],
  },
};

const laysOut = {
  files: ["lib/view/**/*.ts"],
  rules: {
    "no-restricted-imports": ["error", { paths: [{ name: "#mesh", importNames: ["evaluateMesh", "judgeMesh"], message: "view lays verdicts out; the pipeline has them judged." }] }],
  },
};

const environment = {
  files: ["lib/**/*.ts", "app/**/*.{ts,tsx}", "pages/**/*.ts", "components/**/*.{ts,tsx}"],
  ignores: ["lib/sources/config.ts"],
  rules: { "no-restricted-properties": ["error", { object: "process", property: "env", message: "lib/sources/config.ts is the only reader of the environment." }] },
};

export default tseslint.config(
  { ignores: [".next/**", "node_modules/**", "**/*.mjs", "**/*.js", "next-env.d.ts"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  typed, size, drawing, environment, pure, laysOut,
);
