/** What the user asked for leads to no mesh: a setting, or a file that one names, is wrong. The message is for a person, and holds no secret. */
export class Misconfiguration extends Error {}
