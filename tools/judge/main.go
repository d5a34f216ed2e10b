// Command judge says what GitOps tools would make of Kubernetes objects. One question on stdin, one answer on stdout, both JSON:
//
//	{"exprs": [{"kind": …, "inProgress": …, "failed": …, "current": …}], "lua": {KIND: script}, "objects": [object…]}
//	[{"kstatus": {"status": …, "message": …}, "flux": {…}, "argo": {…}}…]
//
// kstatus is the library itself; expressions and scripts run in the engines that Flux and Argo CD run them in, set up alike.
// It decides nothing of its own: what a tool cannot judge has the status "Error", with the tool's words.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type question struct {
	Exprs   []exprs                      `json:"exprs"`
	Lua     map[string]string            `json:"lua"`
	Objects []*unstructured.Unstructured `json:"objects"`
}

type judgement struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type answer struct {
	Kstatus judgement `json:"kstatus"`
	Flux    judgement `json:"flux"`
	Argo    judgement `json:"argo"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(2)
	}
}

func run() error {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return fmt.Errorf("the question cannot be read: %w", err)
	}
	checks, err := compiled(asked.Exprs)
	if err != nil {
		return err
	}
	answers := make([]answer, 0, len(asked.Objects))
	for _, object := range asked.Objects {
		answers = append(answers, answer{
			Kstatus: byKstatus(object),
			Flux:    byFlux(checks, object),
			Argo:    byArgo(asked.Lua, object),
		})
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func byKstatus(object *unstructured.Unstructured) judgement {
	found, err := status.Compute(object)
	if err != nil {
		return failed(err)
	}
	return judgement{Status: found.Status.String(), Message: found.Message}
}

func failed(err error) judgement {
	return judgement{Status: "Error", Message: err.Error()}
}
