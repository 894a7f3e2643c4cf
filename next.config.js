/** @type {import("next").NextConfig} */
export default {
  serverExternalPackages: ["@kubernetes/client-node"],
};
