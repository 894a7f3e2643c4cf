package main

import (
	"slices"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"

	"istio.io/istio/pilot/pkg/simulation"
	"istio.io/istio/pkg/workloadapi/security"
)

// authz is what AuthorizationPolicies do to a connection that the transport lets through; empty where that depends on the request.
func (w *world) authz(client *workload, to target, sends sent, serverMode, transport string) string {
	if transport == "blocked" || transport == "" {
		return ""
	}
	who := peer{address: client.ip, port: to.arrives, destination: to.server.ip}
	if transport == "mTLS" {
		who.principal = w.mesh.TrustDomain + "/ns/" + client.namespace + "/sa/" + client.serviceAccount
		who.namespace, who.serviceAccount = client.namespace, client.serviceAccount
		who.sni = sends.sni
	}
	switch {
	case serverMode == "NONE" || serverMode == "UNCAPTURED":
		return "allow"
	case to.server.plane == planeAmbient:
		return w.ztunnelAuthz(to.server, who)
	}
	arrives := arrival[sends.mode]
	if sends.mode == "HBONE" {
		arrives = simulation.MTLS
	}
	return w.envoyAuthz(to, arriving{tls: arrives, sni: sends.sni}, who)
}

var names = map[truth]string{yes: "allow", no: "deny", depends: ""}

// envoyAuthz asks the chains that take what arrives; where a port may hold either protocol, both must agree.
func (w *world) envoyAuthz(to target, arrives arriving, who peer) string {
	var chains []*listenerv3.FilterChain
	for _, protocol := range []simulation.Protocol{simulation.TCP, simulation.HTTP} {
		if chain, err := w.chain(to, arrives, protocol); err == nil && chain != nil {
			chains = append(chains, chain)
		}
	}
	var answers []string
	for _, chain := range chains {
		answers = append(answers, names[admits(rulesOf(w.test, chain), who)])
	}
	answers = slices.Compact(answers)
	if len(answers) != 1 {
		return ""
	}
	return answers[0]
}

// ztunnelAuthz is ztunnel's order: any DENY that matches, then any ALLOW, if there are ALLOWs at all.
func (w *world) ztunnelAuthz(server *workload, who peer) string {
	allows := false
	answer := "deny"
	for _, policy := range w.ztunnelPolicies(server) {
		if converted(policy) || policy.DryRun {
			continue
		}
		matched := matches(policy, who)
		switch policy.Action {
		case security.Action_DENY:
			if matched {
				return "deny"
			}
		case security.Action_ALLOW:
			allows = true
			if matched {
				answer = "allow"
			}
		}
	}
	if !allows {
		return "allow"
	}
	return answer
}
