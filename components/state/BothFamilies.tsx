import { count, plural } from "../numbers.ts";

/** Requests, and TCP connections beside them where there are any; two numbers, never their sum. */
export function BothFamilies({ requests, connections, className = "" }: { readonly requests: number; readonly connections: number; readonly className?: string }) {
  if (requests === 0 && connections === 0) return <span className="text-quiet">0</span>;
  return (
    <span className={className} title={`${plural(requests, "request")}, ${plural(connections, "TCP connection")}`}>
      {(requests > 0 || connections === 0) && <span className="inline-block whitespace-nowrap">{count(requests)}</span>}{requests > 0 && connections > 0 && " "}
      {connections > 0 && (
        <span className={`inline-block whitespace-nowrap ${requests > 0 ? "pl-1 text-xs" : ""}`}>
          {count(connections)} <span className="text-xs">tcp</span>
        </span>
      )}
    </span>
  );
}
