/** Read by the server, so that the first page is drawn in the chosen theme. */
export const THEME_COOKIE = "mtlscope-theme";
