package main

import (
	"context"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// exprs is an entry of a Kustomization's spec.healthCheckExprs.
type exprs struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
	Current    string `json:"current"`
}

// check is one verdict and the expression that asks for it; a list of them is in the order in which Flux asks.
type check struct {
	verdict string
	program cel.Program
}

func compiled(entries []exprs) (map[string][]check, error) {
	found := map[string][]check{}
	for _, entry := range entries {
		kind := entry.APIVersion + " " + entry.Kind
		for _, one := range []struct{ verdict, text string }{
			{"InProgress", entry.InProgress}, {"Failed", entry.Failed}, {"Current", entry.Current},
		} {
			if one.text == "" {
				continue
			}
			program, err := compile(one.text)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", kind, one.verdict, err)
			}
			found[kind] = append(found[kind], check{one.verdict, program})
		}
	}
	return found, nil
}

// compile parses without checking types, in Flux's environment: that an object lacks a field shows only when it is judged.
func compile(text string) (cel.Program, error) {
	environment, err := cel.NewEnv(
		cel.HomogeneousAggregateLiterals(),
		cel.EagerlyValidateDeclarations(true),
		cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true),
		cel.OptionalTypes(),
		ext.Strings(),
		ext.Sets(),
		ext.Encoders(),
	)
	if err != nil {
		return nil, err
	}
	parsed, issues := environment.Parse(text)
	if issues != nil {
		return nil, issues.Err()
	}
	return environment.Program(parsed, cel.EvalOptions(cel.OptOptimize), cel.InterruptCheckFrequency(100))
}

func byFlux(checks map[string][]check, object *unstructured.Unstructured) judgement {
	mine, known := checks[object.GetAPIVersion()+" "+object.GetKind()]
	if !known {
		return byKstatus(object)
	}
	if observed, found, err := unstructured.NestedInt64(object.Object, "status", "observedGeneration"); err == nil && found {
		if observed != object.GetGeneration() {
			return judgement{Status: "InProgress"}
		}
	}
	for _, one := range mine {
		value, _, err := one.program.ContextEval(context.Background(), object.Object)
		if err != nil {
			return failed(err)
		}
		verdict, ok := value.(types.Bool)
		if !ok {
			return failed(fmt.Errorf("%s answers %v and no truth value", one.verdict, value))
		}
		if bool(verdict) {
			return judgement{Status: one.verdict}
		}
	}
	return judgement{Status: "InProgress"}
}
