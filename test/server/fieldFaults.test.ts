import { expect, it } from "vitest";
import { z } from "zod";
import { fieldFaults } from "../../app/api/v1/fieldFaults.ts";

const Schema = z.strictObject({ proposal: z.string().max(5), accessLogs: z.boolean().optional() });

it.each([
  [{ proposal: 7 }, "`proposal` is a number, and has to be a text"],
  [{}, "`proposal` is missing"],
  [{ proposal: null }, "`proposal` is null, and has to be a text"],
  [{ proposal: "mesh", accessLogs: "yes" }, "`accessLogs` is a text, and has to be true or false"],
  [{ proposal: "mesh", force: true, dry: 1 }, "`force` is no field of the body; `dry` is no field of the body"],
  [{ proposal: "namespace:foo" }, "`proposal` is longer than 5 characters"],
  [{ proposal: [], accessLogs: 1 }, "`proposal` is a list, and has to be a text; `accessLogs` is a number, and has to be true or false"],
  [[], "the body is a list, and has to be an object"],
  [null, "the body is null, and has to be an object"],
])("of %j it is said: %s", (body, words) => {
  const { error } = Schema.safeParse(body);
  expect(error === undefined ? "" : fieldFaults(error, body)).toBe(words);
});
