using System.Collections.Immutable;
using System.Text;
using Fastbridge.Core.Config;

namespace Fastbridge.Core.Records;

/// <summary>The templates of one connector, parsed: what an encoder is made of.</summary>
internal sealed class RecordTemplates
{
    /// <exception cref="ArgumentException">A template is faulty; the validator says so earlier and better.</exception>
    public RecordTemplates(KafkaConfig kafka, RecordConfig record)
    {
        KafkaTopic = Template.Parse(kafka.Topic, TemplateUse.KafkaTopic);
        Key = Template.Parse(kafka.Key ?? "${topic}", TemplateUse.Key);
        ClientId = Template.Parse(record.ClientId ?? "", TemplateUse.ClientId);
        Username = Template.Parse(record.Username ?? "", TemplateUse.Username);
        Headers = [.. record.Headers.Select(h => (Encoding.UTF8.GetBytes(h.Key), Template.Parse(h.Value, TemplateUse.Header)))];
        MqttHeaders = record.MqttHeaders;

        foreach (Template template in Headers.Select(h => h.Value).Append(KafkaTopic).Append(Key).Append(ClientId).Append(Username))
            UsesQoS |= template.UsesQoS;
    }

    public Template KafkaTopic { get; }

    /// <summary>Absent in the file: <c>${topic}</c>. What renders empty, always or for one message, is no key: the partition goes by the MQTT topic.</summary>
    public Template Key { get; }

    /// <summary>Stands in where a message has no User Property <c>client_id</c>.</summary>
    public Template ClientId { get; }

    /// <summary>Stands in where a message has no User Property <c>username</c>.</summary>
    public Template Username { get; }

    public ImmutableArray<(byte[] Name, Template Value)> Headers { get; }

    public bool MqttHeaders { get; }

    /// <summary>Some template holds <c>${qos}</c>: then nothing but the topic's own text can be prepared by topic.</summary>
    public bool UsesQoS { get; }
}
