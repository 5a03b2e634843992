using System.Diagnostics.CodeAnalysis;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Codec.Packets;

/// <summary>
/// The properties of a PUBLISH [3.3.2.3] as they stand on the wire, checked when the packet was read. Valid as long as the packet.
/// <c>default</c> is "no properties". The record encoder reads it through the members below and never sees the wire form.
/// </summary>
public readonly ref struct PublishProperties
{
    // Stored plus one, so that the zero of default means absent.
    private readonly int _payloadFormatIndicator;
    private readonly long _messageExpiryInterval;
    private readonly bool _present;

    /// <summary>True when there is no property at all: the encoder's fast path.</summary>
    public bool IsEmpty
    {
        get => !_present && Raw.IsEmpty;
        init => _present = !value;
    }

    /// <summary>Payload Format Indicator [3.3.2.3.2]: 0 bytes, 1 UTF-8; -1 when absent.</summary>
    public int PayloadFormatIndicator
    {
        get => _payloadFormatIndicator - 1;
        init
        {
            _payloadFormatIndicator = value + 1;
            _present |= value >= 0;
        }
    }

    /// <summary>Message Expiry Interval in seconds [3.3.2.3.3]; -1 when absent.</summary>
    public long MessageExpiryInterval
    {
        get => _messageExpiryInterval - 1;
        init
        {
            _messageExpiryInterval = value + 1;
            _present |= value >= 0;
        }
    }

    /// <summary>Topic Alias [3.3.2.3.4]; 0 when absent (0 on the wire is a protocol error).</summary>
    public ushort TopicAlias
    {
        get;
        init
        {
            field = value;
            _present |= value != 0;
        }
    }

    public bool HasContentType
    {
        get;
        init
        {
            field = value;
            _present |= value;
        }
    }

    /// <summary>Content Type, UTF-8 [3.3.2.3.9].</summary>
    public ReadOnlySpan<byte> ContentType { get; init; }

    public bool HasResponseTopic
    {
        get;
        init
        {
            field = value;
            _present |= value;
        }
    }

    /// <summary>Response Topic, UTF-8 [3.3.2.3.5].</summary>
    public ReadOnlySpan<byte> ResponseTopic { get; init; }

    public bool HasCorrelationData
    {
        get;
        init
        {
            field = value;
            _present |= value;
        }
    }

    /// <summary>Correlation Data, any bytes [3.3.2.3.6].</summary>
    public ReadOnlySpan<byte> CorrelationData { get; init; }

    /// <summary>The User Properties [3.3.2.3.7] in their order, as they stand on the wire (identifier, key, value, and other properties between them).</summary>
    internal ReadOnlySpan<byte> Raw { get; init; }

    /// <summary>Walks the User Properties in their order; allocates nothing.</summary>
    public UserPropertyEnumerator UserProperties => new(Raw);

    /// <summary>Checks a PUBLISH's property section and notes where its values are.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> section, out PublishProperties properties, [NotNullWhen(false)] out ProtocolViolation? violation)
    {
        int format = -1;
        long expiry = -1;
        ushort alias = 0;
        bool hasContentType = false, hasResponseTopic = false, hasCorrelationData = false;
        ReadOnlySpan<byte> contentType = default, responseTopic = default, correlationData = default;
        PropertyReader reader = new(section, PacketType.Publish);
        while (reader.MoveNext())
        {
            switch (reader.Id)
            {
                case PropertyId.PayloadFormatIndicator:
                    format = (int)reader.Number;
                    break;
                case PropertyId.MessageExpiryInterval:
                    expiry = reader.Number;
                    break;
                case PropertyId.TopicAlias:
                    alias = (ushort)reader.Number;
                    break;
                case PropertyId.ContentType:
                    hasContentType = true;
                    contentType = reader.Bytes;
                    break;
                case PropertyId.ResponseTopic:
                    hasResponseTopic = true;
                    responseTopic = reader.Bytes;
                    break;
                case PropertyId.CorrelationData:
                    hasCorrelationData = true;
                    correlationData = reader.Bytes;
                    break;
                default:
                    // User Properties and Subscription Identifiers stay in Raw.
                    break;
            }
        }

        violation = reader.Violation;
        properties = new PublishProperties
        {
            PayloadFormatIndicator = format,
            MessageExpiryInterval = expiry,
            TopicAlias = alias,
            HasContentType = hasContentType,
            ContentType = contentType,
            HasResponseTopic = hasResponseTopic,
            ResponseTopic = responseTopic,
            HasCorrelationData = hasCorrelationData,
            CorrelationData = correlationData,
            Raw = section,
        };
        return violation is null;
    }
}
