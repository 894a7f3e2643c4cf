import Link from "next/link";

export default function NotFound() {
  return (
    <div className="max-w-prose px-4 pt-4">
      <h1 className="text-lg font-semibold">There is no page at this address</h1>
      <p className="mt-2">
        Go to the{" "}
        <Link href="/" className="underline">
          overview
        </Link>
        .
      </p>
    </div>
  );
}
