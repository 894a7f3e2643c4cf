import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { Live } from "../components/data/Live.tsx";
import { Frame } from "../components/frame/Frame.tsx";
import { THEME_COOKIE } from "../components/frame/themeCookie.ts";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "mtlscope", template: "%s · mtlscope" },
  description: "Which connections of the mesh are mTLS, which are plaintext, which are blocked, and who sends the plaintext.",
  icons: { icon: "/icon.svg" },
  robots: { index: false, follow: false },
};

export const viewport: Viewport = { colorScheme: "light dark" };

export default async function Layout({ children }: { readonly children: ReactNode }) {
  // nothing is prerendered: the policy's nonce is new for each request
  await connection();
  const theme = (await cookies()).get(THEME_COOKIE)?.value;
  return (
    <html lang="en" data-theme={theme === "light" || theme === "dark" ? theme : "system"}>
      <body>
        <Live>
          <Frame>{children}</Frame>
        </Live>
      </body>
    </html>
  );
}
