package main

import (
	"errors"
	"slices"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	"google.golang.org/protobuf/proto"

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
	chain, err := w.arrives(to, arriving{tls: arrives, sni: sends.sni})
	switch {
	case err != nil || chain == nil:
		return "blocked"
	case passesOn(chain) && arrives == simulation.MTLS:
		return "mTLS"
	case chain.TransportSocket == nil || arrives == simulation.TLS:
		return unended[arrives]
	case to.server.plane != planeGateway && len(sends.sans) > 0 && !slices.Contains(sends.sans, w.identity(to.server)):
		return "blocked"
	}
	return "mTLS"
}

// passesOn tells a gateway's chain for mTLS that others end.
func passesOn(chain *listenerv3.FilterChain) bool {
	return chain.TransportSocket == nil && len(chain.GetFilterChainMatch().GetServerNames()) > 0 && len(chain.GetFilterChainMatch().GetApplicationProtocols()) > 0
}

// arriving is what a connection carries, and the name that it asks for.
type arriving struct {
	tls simulation.TLSMode
	sni string
}

// arrives asks which chain of the server's listener takes what arrives. Whoever dials a port speaks what its chain expects.
func (w *world) arrives(to target, what arriving) (*listenerv3.FilterChain, error) {
	chain, err := w.chain(to, what, simulation.TCP)
	if errors.Is(err, simulation.ErrProtocolError) {
		return w.chain(to, what, simulation.HTTP)
	}
	return chain, err
}

// chain asks Istio's simulation.
func (w *world) chain(to target, what arriving, protocol simulation.Protocol) (*listenerv3.FilterChain, error) {
	var chain *listenerv3.FilterChain
	call := simulation.Call{
		Address: to.server.ip, Port: to.arrives, TLS: what.tls, Sni: what.sni, Protocol: protocol, HostHeader: to.host, CallMode: simulation.CallModeInbound,
		CustomListenerValidations: []simulation.CustomFilterChainValidation{func(found *listenerv3.FilterChain) error {
			chain = found
			return nil
		}},
	}
	if to.server.plane == planeGateway {
		call.CallMode, call.Address = simulation.CallModeGateway, "0.0.0.0"
		if refused(w.simulated(to.server).Listeners, to.arrives) {
			return nil, simulation.ErrMultipleFilterChain
		}
		if what.sni == "" {
			call.HostHeader = "" // the simulation would ask for it by name
		}
	}
	err := w.simulated(to.server).Run(call).Error
	if errors.Is(err, simulation.ErrNoVirtualHost) || errors.Is(err, simulation.ErrNoRoute) || errors.Is(err, simulation.ErrTLSRedirect) {
		err = nil
	}
	return chain, err
}

// refused tells whether Envoy takes none of a port's listener, because two of its chains ask for the same.
func refused(listeners []*listenerv3.Listener, port int) bool {
	var seen []*listenerv3.FilterChainMatch
	for _, listener := range listeners {
		if int(listener.GetAddress().GetSocketAddress().GetPortValue()) != port {
			continue
		}
		for _, chain := range listener.FilterChains {
			match := chain.GetFilterChainMatch()
			if match == nil {
				match = &listenerv3.FilterChainMatch{}
			}
			if slices.ContainsFunc(seen, func(other *listenerv3.FilterChainMatch) bool { return proto.Equal(other, match) }) {
				return true
			}
			seen = append(seen, match)
		}
	}
	return false
}
