package main

import (
	"fmt"
	"os"
)

// failer stands for the test that Istio's fake control plane expects to run in: it panics where a test would fail.
type failer struct {
	cleanups []func()
}

func (f *failer) Fail()                             { panic("failed") }
func (f *failer) FailNow()                          { panic("failed") }
func (f *failer) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (f *failer) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (f *failer) Log(...any)                        {}
func (f *failer) Logf(string, ...any)               {}
func (f *failer) Helper()                           {}
func (f *failer) Skip(args ...any)                  { panic(fmt.Sprint(args...)) }
func (f *failer) Cleanup(done func())               { f.cleanups = append(f.cleanups, done) }

func (f *failer) TempDir() string {
	directory, err := os.MkdirTemp("", "istio")
	if err != nil {
		panic(err)
	}
	f.Cleanup(func() { os.RemoveAll(directory) })
	return directory
}

func (f *failer) cleanUp() {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
}
