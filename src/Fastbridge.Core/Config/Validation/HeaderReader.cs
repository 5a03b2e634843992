using System.Collections.Immutable;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>mqtt.headers</c>, of the WebSocket handshake. Their values are taken for secrets, whatever their names.</summary>
internal static class HeaderReader
{
    public static ImmutableArray<KeyValuePair<string, string>> Read(ObjectReader mqtt, ImmutableArray<MqttServer> servers, LoadContext context)
    {
        if (mqtt.Find("headers") is not { } node)
            return [];
        if (node.Kind != NodeKind.Object)
        {
            context.WrongType(node, mqtt.Key("headers").Expects);
            return [];
        }

        KeyCheck.Doubles(node, context);
        if (!servers.Any(s => s.WebSocketPath is not null))
            context.WarnWithoutValue(node, "without a ws:// or wss:// server they are not sent", "remove them, or write the server's address with ws:// or wss://");
        ImmutableArray<KeyValuePair<string, string>>.Builder headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (Node member in node.Members)
        {
            if (HeaderRules.OfName(member.Name!) is { } fault)
                context.FaultWithoutValue(member, fault);
            else if (member.Kind != NodeKind.Text)
                context.WrongType(member, "a text");
            else if (context.Secrets.TryResolve(member, false, out Resolved value))
            {
                if (HeaderRules.OfValue(value.Value) is { } wrong)
                    context.FaultWithoutValue(member, wrong);
                else
                    headers.Add(new(member.Name!, value.Value.Trim()));
            }
        }

        return headers.ToImmutable();
    }
}
