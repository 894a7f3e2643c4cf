/** Everything that a new picture makes old. */
export const LIVE_KEY = ["v1"] as const;

/** The whole picture of the window that is followed: it is kept fresh by what changes. */
export const MESH_KEY = [...LIVE_KEY, "mesh"] as const;
