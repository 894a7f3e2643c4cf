/** Client, server, and the lock between them. */
export function Logo() {
  return (
    <svg aria-hidden="true" viewBox="0 0 26 16" width={26} height={16} fill="none" strokeWidth={1.8}>
      <circle cx={4} cy={9} r={2.6} stroke="currentColor" />
      <circle cx={22} cy={9} r={2.6} stroke="currentColor" fill="currentColor" />
      <path d="M7 9h12" className="stroke-mtls" />
      <rect x={9.6} y={7} width={6.8} height={5.6} rx={1.4} className="fill-mtls stroke-none" />
      <path d="M11 7V5.2a2 2 0 0 1 4 0V7" className="stroke-mtls" strokeWidth={1.4} />
    </svg>
  );
}
