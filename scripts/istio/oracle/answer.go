package main

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/serviceregistry/provider"
	"istio.io/istio/pilot/pkg/simulation"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/config/protocol"
	"istio.io/istio/pkg/ptr"
	istioslices "istio.io/istio/pkg/slices"
)

func (w *world) answer(query Query) Answer {
	answer := Answer{ID: query.ID, Basis: "istio"}
	client, server := w.workloads[query.Client], w.workloads[query.Server]
	if client == nil || server == nil {
		return Answer{ID: query.ID, Basis: "rule", Note: "no such workload"}
	}
	to, note := w.target(query, server)
	if note != "" {
		return Answer{ID: query.ID, Basis: "rule", Note: note}
	}
	if client == server && to.address == client.ip {
		return Answer{ID: query.ID, Basis: "rule", Note: "a workload's own address: nothing leaves it"}
	}
	sends := w.clientMode(client, to, query.Via.Subset)
	answer.ClientMode, answer.Note = sends.mode, sends.note
	answer.ServerMode = w.serverMode(server, to.arrives)
	if sends.mode == "" || sends.mode == "BYPASS" || answer.ServerMode == "UNCAPTURED" || sends.note != "" {
		answer.Basis = "rule"
	}
	if server.plane == planeGateway && arrival[sends.mode] == simulation.TLS && sends.sni == "" && to.protocol.IsUnsupported() {
		answer.Basis, answer.Note = "rule", "a request asks for a name, other bytes do not"
	}
	answer.Transport = w.join(client, to, sends, answer.ServerMode)
	answer.Authz = w.authz(client, to, sends, answer.ServerMode, answer.Transport)
	return answer
}

// target finds out where a question's dial leads.
func (w *world) target(query Query, server *workload) (target, string) {
	to := target{host: query.Via.Host, address: query.Via.IP, dialled: query.Port, arrives: query.Port, server: server, protocol: protocol.TCP}
	if query.Via.Type == "podIP" {
		if declared := w.declared(server, query.Port); declared != "" {
			to.protocol = declared
		}
		return to, ""
	}
	to.service, to.port = w.find(query.Via.Host, query.Port)
	if to.service == nil || to.port == nil {
		return to, "no such service or port"
	}
	to.protocol = to.port.Protocol
	to.datagrams = to.protocol == protocol.UDP && !w.isNamedOnly(to.service, to.port)
	arrives, ok := w.endpointPort(to.service, to.port, server)
	if !ok {
		return to, "the server is no endpoint of the service"
	}
	to.arrives = arrives
	to.address = w.dialled(to.service, server)
	return to, ""
}

// dialled is the address that the name of a service stands for.
func (w *world) dialled(service *model.Service, server *workload) string {
	if addresses := service.ClusterVIPs.GetAddressesFor(constants.DefaultClusterName); len(addresses) > 0 && addresses[0] != constants.UnspecifiedIP {
		return addresses[0]
	}
	if service.DefaultAddress != "" && service.DefaultAddress != constants.UnspecifiedIP {
		return service.DefaultAddress
	}
	return server.ip
}

// endpointPort is the port on which a server has a port of a service: what EndpointSlices say, else istiod's endpoint index.
func (w *world) endpointPort(service *model.Service, port *model.Port, server *workload) (int, bool) {
	for _, slice := range w.slicesOf(service) {
		if !slices.ContainsFunc(slice.Endpoints, func(e discoveryv1.Endpoint) bool { return slices.Contains(e.Addresses, server.ip) }) {
			continue
		}
		for _, candidate := range slice.Ports {
			if ptr.OrEmpty(candidate.Name) == port.Name && candidate.Port != nil {
				return int(*candidate.Port), true
			}
		}
	}
	shards, ok := w.istiod.Discovery.Env.EndpointIndex.ShardsForService(string(service.Hostname), service.Attributes.Namespace)
	if !ok {
		return 0, false
	}
	for _, key := range shards.Keys() {
		for _, endpoint := range shards.Shards[key] {
			if endpoint.ServicePortName == port.Name && slices.Contains(endpoint.Addresses, server.ip) {
				return int(endpoint.EndpointPort), true
			}
		}
	}
	return 0, false
}

// isNamedOnly tells a TCP port that is merely named `udp`.
func (w *world) isNamedOnly(service *model.Service, port *model.Port) bool {
	return slices.ContainsFunc(w.slicesOf(service), func(slice *discoveryv1.EndpointSlice) bool {
		return slices.ContainsFunc(slice.Ports, func(candidate discoveryv1.EndpointPort) bool {
			return ptr.OrEmpty(candidate.Name) == port.Name && ptr.OrEmpty(candidate.Protocol) == corev1.ProtocolTCP
		})
	})
}

// slicesOf are the EndpointSlices of a Kubernetes Service.
func (w *world) slicesOf(service *model.Service) []*discoveryv1.EndpointSlice {
	if service.Attributes.ServiceRegistry != provider.Kubernetes {
		return nil
	}
	return istioslices.Filter(w.slices, func(slice *discoveryv1.EndpointSlice) bool {
		return slice.Namespace == service.Attributes.Namespace && slice.Labels[discoveryv1.LabelServiceName] == service.Attributes.Name
	})
}

// declared is the protocol that a service of the server's namespace declares for a port of it.
func (w *world) declared(server *workload, port int) protocol.Instance {
	for _, service := range w.istiod.Env().Services() {
		if service.Attributes.Namespace != server.namespace {
			continue
		}
		for _, declared := range service.Ports {
			if at, ok := w.endpointPort(service, declared, server); ok && at == port {
				return declared.Protocol
			}
		}
	}
	return ""
}
