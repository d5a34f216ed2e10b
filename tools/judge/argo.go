package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The statuses that Argo CD takes from a script; it answers any other with an error.
var healths = []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}

// The libraries that Argo CD opens for a health check. It has no `string`, and of `os` two functions, which nobody needs here.
var libraries = []struct {
	name string
	open lua.LGFunction
}{
	{lua.LoadLibName, lua.OpenPackage},
	{lua.BaseLibName, lua.OpenBase},
	{lua.TabLibName, lua.OpenTable},
}

func byArgo(scripts map[string]string, object *unstructured.Unstructured) judgement {
	script, known := scripts[object.GetKind()]
	if !known {
		return judgement{}
	}
	result, err := health(script, object)
	if err != nil {
		return failed(err)
	}
	if !slices.Contains(healths, result.Status) {
		return failed(fmt.Errorf("%q is no health status", result.Status))
	}
	return result
}

func health(script string, object *unstructured.Unstructured) (judgement, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, library := range libraries {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(library.open), Protect: true}, lua.LString(library.name)); err != nil {
			return judgement{}, err
		}
	}
	patience, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(patience)
	state.SetGlobal("obj", asLua(state, object.Object))
	if err := state.DoString(script); err != nil {
		return judgement{}, err
	}
	told, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return judgement{}, fmt.Errorf("the script returns a %s and no table", state.Get(-1).Type())
	}
	return judgement{text(told, "status"), text(told, "message")}, nil
}

func text(table *lua.LTable, field string) string {
	if value, ok := table.RawGetString(field).(lua.LString); ok {
		return string(value)
	}
	return ""
}

func asLua(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	case string:
		return lua.LString(value)
	case []any:
		table := state.CreateTable(len(value), 0)
		for _, item := range value {
			table.Append(asLua(state, item))
		}
		return table
	case map[string]any:
		table := state.CreateTable(0, len(value))
		for key, item := range value {
			table.RawSetString(key, asLua(state, item))
		}
		return table
	default:
		return lua.LNil
	}
}
