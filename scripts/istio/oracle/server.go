package main

import (
	"errors"
	"slices"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"

	"istio.io/istio/pilot/pkg/security/authn"
	"istio.io/istio/pilot/pkg/simulation"
)

// serverMode is what is enforced on a port of a server.
func (w *world) serverMode(server *workload, port int) string {
	switch server.plane {
	case planeNone:
		return "NONE"
	case planeGateway:
		return "GATEWAY"
	case planeAmbient:
		return w.admission(server, port)
	}
	if !server.machine && !server.inboundCaptured(port) {
		return "UNCAPTURED"
	}
	proxy := w.proxy(server)
	policy := authn.NewMtlsPolicy(w.istiod.PushContext(), w.istiod.PushContext().AuthnPolicies, server.namespace, proxy.Labels, false)
	return modes[policy.GetMutualTLSModeForPort(uint32(port)).String()]
}

var modes = map[string]string{"STRICT": "STRICT", "PERMISSIVE": "PERMISSIVE", "DISABLE": "DISABLE"}

// arrival is what a connection carries where it arrives.
var arrival = map[string]simulation.TLSMode{
	"NONE": simulation.Plaintext, "BYPASS": simulation.Plaintext, "PASSTHROUGH": simulation.Plaintext, "AUTO_PLAINTEXT": simulation.Plaintext,
	"DR_DISABLE": simulation.Plaintext, "DR_DROPPED": simulation.Plaintext, "ZT_PLAINTEXT": simulation.Plaintext,
	"AUTO_MTLS": simulation.MTLS, "DR_ISTIO_MUTUAL": simulation.MTLS, "DR_SIMPLE": simulation.TLS, "DR_MUTUAL": simulation.TLS,
}

// unended is what follows where nothing ends the mesh's TLS.
var unended = map[simulation.TLSMode]string{simulation.Plaintext: "plaintext", simulation.MTLS: "blocked", simulation.TLS: "tls"}

// join puts together what a client sends and what the server's proxy makes of it.
func (w *world) join(client *workload, to target, sends sent, mode string) string {
	arrives, ok := arrival[sends.mode]
	switch {
	case sends.mode == "BLACKHOLE":
		return "blocked"
	case sends.mode == "HBONE":
		return "mTLS"
	case !ok:
		return ""
	}
	switch {
	case to.server.plane == planeAmbient && mode == "STRICT":
		return "blocked"
	case to.server.plane == planeAmbient || mode == "NONE" || mode == "UNCAPTURED":
		return unended[arrives]
	}
	chain, err := w.arrives(to, arrives)
	switch {
	case err != nil || chain == nil:
		return "blocked"
	case chain.TransportSocket == nil:
		return unended[arrives]
	case to.server.plane != planeGateway && len(sends.sans) > 0 && !slices.Contains(sends.sans, w.identity(to.server)):
		return "blocked"
	}
	return "mTLS"
}

// arrives asks which chain of the server's listener takes what arrives. Whoever dials a port speaks what its chain expects.
func (w *world) arrives(to target, tls simulation.TLSMode) (*listenerv3.FilterChain, error) {
	chain, err := w.chain(to, tls, simulation.TCP)
	if errors.Is(err, simulation.ErrProtocolError) {
		return w.chain(to, tls, simulation.HTTP)
	}
	return chain, err
}

// chain asks Istio's simulation.
func (w *world) chain(to target, tls simulation.TLSMode, protocol simulation.Protocol) (*listenerv3.FilterChain, error) {
	var chain *listenerv3.FilterChain
	call := simulation.Call{
		Address: to.server.ip, Port: to.arrives, TLS: tls, Protocol: protocol, HostHeader: to.host, CallMode: simulation.CallModeInbound,
		CustomListenerValidations: []simulation.CustomFilterChainValidation{func(found *listenerv3.FilterChain) error {
			chain = found
			return nil
		}},
	}
	if to.server.plane == planeGateway {
		call.CallMode, call.Address = simulation.CallModeGateway, "0.0.0.0"
	}
	err := w.simulated(to.server).Run(call).Error
	if errors.Is(err, simulation.ErrNoVirtualHost) || errors.Is(err, simulation.ErrNoRoute) {
		err = nil
	}
	return chain, err
}
