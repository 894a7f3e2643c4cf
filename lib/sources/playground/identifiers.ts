/** Kubernetes' alphabet for generated names: no vowels, so that no words appear. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** FNV-1a: the same text gives the same number, on every machine. */
export function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}

/** The generated end of a name, as a ReplicaSet (10 characters) or a pod (5) gets it. */
export function generatedSuffix(seed: string, length: number): string {
  let suffix = "";
  for (let index = 0; index < length; index += 1) suffix += ALPHABET.charAt(fingerprint(`${seed}#${index}`) % ALPHABET.length);
  return suffix;
}
