namespace Fastbridge.Core.Records;

/// <summary>What a <see cref="Template"/> is for; it decides which placeholders it may hold and what else is a fault.</summary>
public enum TemplateUse
{
    /// <summary>The Kafka record's key (<c>key</c>): every placeholder.</summary>
    Key,

    /// <summary>The Kafka topic (<c>topic</c>): every placeholder; text without one must be a legal topic name.</summary>
    KafkaTopic,

    /// <summary>The value of a Kafka header (<c>headers</c>): every placeholder.</summary>
    Header,

    /// <summary>The record's <c>client_id</c>: every placeholder but <c>${client_id}</c> and <c>${username}</c>, which it would define by itself.</summary>
    ClientId,

    /// <summary>The record's <c>username</c>: as <see cref="ClientId"/>.</summary>
    Username,
}
