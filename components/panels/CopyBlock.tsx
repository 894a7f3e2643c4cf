"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { WORDS } from "../words.ts";

const SHOWN_MS = 1500;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => {
      setCopied(false);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={`Copy ${label}`}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setCopied(true);
        });
      }}
      className="flex h-7 shrink-0 items-center gap-1.5 rounded-md border border-line bg-ground px-2 text-sm hover:bg-hover"
    >
      <Icon aria-hidden="true" size={13} />
      <span aria-live="polite">{copied ? WORDS.copied : "Copy"}</span>
    </button>
  );
}

const SPACES = /(\s+)/;

/** A line breaks between words only, and in none that has room for itself: `--namespace=foo` is one. */
export function Words({ text }: { readonly text: string }) {
  return text.split(SPACES).map((part, index) => (
    index % 2 === 1 || part === "" ? part : (
      <span key={index.toString()} className="inline-block max-w-full break-all">
        {part}
      </span>
    )
  ));
}

/** Text to take along, exactly as shown. */
export function CopyBlock({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="relative rounded-md border border-line bg-surface">
      <pre tabIndex={0} role="region" aria-label={label} className="scroll-area max-h-96 p-3 pr-24 text-sm whitespace-pre-wrap [overflow-wrap:anywhere]">
        <Words text={text} />
      </pre>
      <div className="absolute top-1.5 right-1.5">
        <CopyButton text={text} label={label} />
      </div>
    </div>
  );
}
