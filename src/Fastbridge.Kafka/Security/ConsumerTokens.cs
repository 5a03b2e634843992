using Confluent.Kafka;
using Fastbridge.Core.Config;

namespace Fastbridge.Kafka.Security;

/// <summary>Tokens for the consumers of tools: fetched on the thread that polls.</summary>
internal sealed class ConsumerTokens
{
    private readonly TokenSettings? _settings;

    /// <param name="properties">As a connector has them.</param>
    public ConsumerTokens(IEnumerable<KeyValuePair<string, string>> properties)
    {
        Properties = properties.ToDictionary(StringComparer.Ordinal);
        _settings = TokenSettings.From(Properties);
        foreach (string name in Properties.Keys.ToArray())
        {
            if (KafkaTokenProperties.IsServed(name))
                Properties.Remove(name);
        }
    }

    /// <summary>What librdkafka is to have of them.</summary>
    public Dictionary<string, string> Properties { get; }

    /// <summary>Serves the client's wish for another token.</summary>
    public ConsumerBuilder<byte[]?, byte[]?> Serve(ConsumerBuilder<byte[]?, byte[]?> builder) => _settings is null ? builder : builder.SetOAuthBearerTokenRefreshHandler((client, _) =>
    {
        try
        {
            Give(client);
        }
        catch (KafkaException e)
        {
            client.OAuthBearerSetTokenFailure(e.Error.Reason);
        }
    });

    /// <summary>The first token, for a client that is asked before it polls.</summary>
    /// <exception cref="KafkaException">There is none; the reason is one line.</exception>
    public void Give(IClient client)
    {
        if (_settings is null)
            return;
        try
        {
            Token token = TokenRequest.RunAsync(_settings, CancellationToken.None).GetAwaiter().GetResult();
            var extensions = new Dictionary<string, string>(StringComparer.Ordinal);
            for (int i = 0; i < _settings.Extensions.Length; i += 2)
                extensions[_settings.Extensions[i]] = _settings.Extensions[i + 1];
            client.OAuthBearerSetToken(token.Value, token.EndsAtMs, _settings.ClientId, extensions);
        }
        catch (TokenException e)
        {
            throw new KafkaException(new Error(ErrorCode.Local_Authentication, e.Message), e);
        }
    }
}
