// Command istio answers the questions of conformance files with Istio's own control-plane code.
//
//	istio FILE...
//
// One JSON line per question is written to standard output. Istiod's environment variables are read when a process
// starts, so the meshes of each environment are answered by a process of their own.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	istiolog "istio.io/istio/pkg/log"
)

// environment is set in a process that answers the meshes of one environment only.
const environment = "MTLSCOPE_ENVIRONMENT"

func main() {
	if len(os.Args) < 2 {
		fail("usage: istio FILE...")
	}
	for _, scope := range istiolog.Scopes() {
		scope.SetOutputLevel(istiolog.NoneLevel)
	}
	for _, path := range os.Args[1:] {
		file, err := readFile(path)
		if err != nil {
			fail(err)
		}
		if wanted, ok := os.LookupEnv(environment); ok {
			answerMeshes(file, wanted)
		} else {
			spawn(file, path)
		}
	}
}

func fail(message any) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(2)
}

func environmentOf(mesh Mesh) string {
	pairs := make([]string, 0, len(mesh.Env))
	for name, value := range mesh.Env {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "\n")
}

// spawn starts one process per environment, one after the other.
func spawn(file File, path string) {
	var seen []string
	for _, mesh := range file.Meshes {
		if env := environmentOf(mesh); !slices.Contains(seen, env) {
			seen = append(seen, env)
		}
	}
	for _, env := range seen {
		command := exec.Command(os.Args[0], path)
		command.Env = append(os.Environ(), environment+"="+env)
		if env != "" {
			command.Env = append(command.Env, strings.Split(env, "\n")...)
		}
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		if err := command.Run(); err != nil {
			fail(err)
		}
	}
}

func answerMeshes(file File, environment string) {
	lines := json.NewEncoder(os.Stdout)
	for _, mesh := range file.Meshes {
		if environmentOf(mesh) != environment {
			continue
		}
		for _, answer := range answerMesh(mesh) {
			if err := lines.Encode(answer); err != nil {
				fail(err)
			}
		}
	}
}

// answerMesh answers a mesh, or says for each of its questions why there is no answer.
func answerMesh(mesh Mesh) (answers []Answer) {
	var test failer
	defer test.cleanUp()
	defer func() {
		if broken := recover(); broken != nil {
			answers = nil
			for _, query := range mesh.Queries {
				answers = append(answers, Answer{ID: query.ID, Basis: "rule", Note: fmt.Sprintf("no answer: %v", broken)})
			}
		}
	}()
	world := newWorld(&test, mesh)
	for _, query := range mesh.Queries {
		answers = append(answers, world.answer(query))
	}
	return answers
}
