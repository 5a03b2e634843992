using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Records;

/// <summary>What one message says beyond its topic: rendered only where the pieces of the topic do not already hold it.</summary>
internal readonly ref struct RecordFields
{
    /// <summary>True: identity and key are as in the topic's pieces; <see cref="ClientId"/> and <see cref="Username"/> here are empty.</summary>
    public bool AsTopic { get; init; }

    public ReadOnlySpan<byte> ClientId { get; init; }

    public ReadOnlySpan<byte> Username { get; init; }

    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>
    /// Who published, as far as a subscriber can know: the first User Property of that name, else the connector's template. Renders into
    /// <paramref name="scratch"/>; the spans stay good until that is cleared.
    /// </summary>
    public static TemplateInput Identify(in PublishPacket publish, RecordTemplates templates, ByteBuffer scratch)
    {
        var input = new TemplateInput { Topic = publish.Topic, QoS = (byte)publish.QoS, Properties = publish.Properties };
        ReadOnlySpan<byte> clientId = default;
        ReadOnlySpan<byte> username = default;
        bool hasClientId = false;
        bool hasUsername = false;
        foreach (UserPropertyEnumerator property in publish.Properties.UserProperties)
        {
            if (!hasClientId && property.Key.SequenceEqual("client_id"u8))
            {
                clientId = property.Value;
                hasClientId = true;
            }
            else if (!hasUsername && property.Key.SequenceEqual("username"u8))
            {
                username = property.Value;
                hasUsername = true;
            }
        }

        if (!hasClientId)
            clientId = templates.ClientId.RenderSpan(input, scratch);
        if (!hasUsername)
            username = templates.Username.RenderSpan(input, scratch);
        return input with { ClientId = clientId, Username = username };
    }
}
