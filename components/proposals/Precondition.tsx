/** What `kubectl` lines do where an object is not as it was when it was shown. */
export function Precondition({ commands }: { readonly commands: readonly string[] }) {
  return (
    <p className="mt-1.5 text-sm text-quiet">
      Neither overwrites what somebody made or changed in between: nothing changes then, and kubectl says that the object exists already, that the request is invalid, or that there is a conflict.
      {commands.some((command) => command.includes("||\n")) && " Of lines joined by || one fits, and those before it are called invalid."}
    </p>
  );
}
