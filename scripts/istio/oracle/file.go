package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// File is a file of the format `mtlscope-conformance/1`.
type File struct {
	Schema string `json:"schema"`
	Istio  string `json:"istio"`
	Meshes []Mesh `json:"meshes"`
}

// Mesh is a whole world of objects, and the questions about it.
type Mesh struct {
	ID      string            `json:"id"`
	Name    string            `json:"name,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	Objects []json.RawMessage `json:"objects"`
	Queries []Query           `json:"queries"`
}

// Query asks about one client, one endpoint, one port.
type Query struct {
	ID     string `json:"id"`
	Client string `json:"client"`
	Server string `json:"server"`
	Port   int    `json:"port"`
	Via    Via    `json:"via"`
}

// Via is how the client dials.
type Via struct {
	Type   string `json:"type"`
	Host   string `json:"host,omitempty"`
	Subset string `json:"subset,omitempty"`
	IP     string `json:"ip,omitempty"`
}

// Answer is what Istio's own code says. A field that it does not decide is empty, and Note says why.
type Answer struct {
	ID         string `json:"id"`
	ClientMode string `json:"clientMode,omitempty"`
	ServerMode string `json:"serverMode,omitempty"`
	Transport  string `json:"transport,omitempty"`
	Authz      string `json:"authz,omitempty"`
	// Basis is "istio" where Istio's control plane decides every field, else "rule".
	Basis string `json:"basis"`
	Note  string `json:"note,omitempty"`
}

func readFile(path string) (File, error) {
	var file File
	content, err := os.ReadFile(path)
	if err != nil {
		return file, err
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return file, fmt.Errorf("%s: %w", path, err)
	}
	if file.Schema != "mtlscope-conformance/1" {
		return file, fmt.Errorf("%s: `schema` is not `mtlscope-conformance/1`", path)
	}
	return file, nil
}
