import type { EdgeDetailView } from "#view";
import { CONFIDENCE, WORDS } from "../words.ts";

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <div className="mt-2">
      <dt className="text-quiet">{title}</dt>
      {names.map((name) => (
        <dd key={name} className="font-mono [overflow-wrap:anywhere]">
          {name}
        </dd>
      ))}
    </div>
  );
}

/** What names the sender, and what would make it surer. */
export function SenderEvidence({ sender }: { readonly sender: EdgeDetailView["sender"] }) {
  return (
    <div className="rounded-md bg-surface px-3 py-2.5 text-sm">
      <p>
        {sender.confidence}: {CONFIDENCE[sender.confidence]}.
      </p>
      <dl>
        <Names title="principals" names={sender.principals} />
        <Names title="addresses" names={sender.addresses} />
        <Names title="candidates" names={sender.candidates} />
      </dl>
      {sender.raise !== null && <p className="mt-2">{sender.raise}</p>}
      {sender.confidence.startsWith("address") && <p className="mt-2 text-quiet">{WORDS.addressIsNoIdentity}</p>}
    </div>
  );
}
