/** @type {import("next").NextConfig} */
export default {
  serverExternalPackages: ["@kubernetes/client-node"],
  poweredByHeader: false,
  images: { unoptimized: true },
  // a browser that has not yet read the page's own icon asks for this name
  rewrites: () => [{ source: "/favicon.ico", destination: "/icon.svg" }],
  turbopack: { root: import.meta.dirname },
  // `npm test` checks the types of everything, tests included; whoever starts the product does not wait for it again
  typescript: { ignoreBuildErrors: true },
};
