/** What a `kubectl` line does where the object is not as it was when it was shown. A merge knows no condition. */
export function Precondition({ command }: { readonly command: string }) {
  if (command.includes(" --type=merge ")) return null;
  return <p className="mt-1.5 text-sm text-quiet">It fails, and changes nothing, where somebody made or changed the object in between.</p>;
}
