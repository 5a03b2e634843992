using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Security;

/// <summary>
/// Keeps one librdkafka client in tokens. librdkafka asks at its start and at 80 % of each token's life; a fetch that fails is tried again with back-off. While the token before it
/// lives, that is a warning; without one it is told as the client's error event. All members any thread.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A fetch may still look at the token of what End cancels; it has no timer and no handle.")]
internal sealed class TokenFeed(TokenSettings settings)
{
    private const int FirstPauseMs = 1_000;
    private const int LongestPauseMs = 30_000;

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private bool _fetching;
    private bool _ended;
    private long _tokenEndsAtMs;
    private string? _warned;

    /// <summary>Begins to fetch, unless it does already.</summary>
    /// <param name="client">Lives until <see cref="End"/> has returned.</param>
    /// <param name="warn">Gets one line when a token cannot be renewed while the old one lives.</param>
    public void Fetch(nint client, Action<string>? warn)
    {
        lock (_lock)
        {
            if (_fetching || _ended)
                return;
            _fetching = true;
        }

        _ = Task.Run(() => FetchAsync(client, warn));
    }

    /// <summary>The client is left alone from here on.</summary>
    public void End()
    {
        lock (_lock)
            _ended = true;
        _end.Cancel();
    }

    private async Task FetchAsync(nint client, Action<string>? warn)
    {
        try
        {
            for (int pause = FirstPauseMs; ; pause = Math.Min(pause * 2, LongestPauseMs))
            {
                string? fault;
                try
                {
                    fault = Give(client, await TokenRequest.RunAsync(settings, _end.Token).ConfigureAwait(false));
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    fault = e is TokenException ? e.Message : TokenRequest.Fault(settings, e.Message.ReplaceLineEndings(" ").Trim()).Message;
                }

                if (fault is null)
                    return;
                Tell(client, fault, warn);
                await Task.Delay(Random.Shared.Next(pause / 2, pause), _end.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The client ends.
        }
        finally
        {
            lock (_lock)
                _fetching = false;
        }
    }

    /// <summary>Null when librdkafka has taken it.</summary>
    private unsafe string? Give(nint client, Token token)
    {
        byte** extensions = stackalloc byte*[settings.Extensions.Length + 1];
        for (int i = 0; i < settings.Extensions.Length; i++)
            extensions[i] = (byte*)Marshal.StringToCoTaskMemUTF8(settings.Extensions[i]);
        byte* error = stackalloc byte[256];
        int result = 0;
        lock (_lock)
        {
            if (!_ended)
                result = LibRdKafka.rd_kafka_oauthbearer_set_token(client, token.Value, token.EndsAtMs, settings.ClientId, extensions, (nuint)settings.Extensions.Length, error, 256);
            if (result == 0)
                (_tokenEndsAtMs, _warned) = (token.EndsAtMs, null);
        }

        for (int i = 0; i < settings.Extensions.Length; i++)
            Marshal.FreeCoTaskMem((nint)extensions[i]);

        // librdkafka's own text would show the token.
        return result == 0 ? null : TokenRequest.Fault(settings, "the token cannot be used: it holds characters that SASL does not carry, or has expired; check the token server, and this host's clock").Message;
    }

    private void Tell(nint client, string fault, Action<string>? warn)
    {
        lock (_lock)
        {
            if (_ended)
                return;
            if (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() >= _tokenEndsAtMs)
            {
                _ = LibRdKafka.rd_kafka_oauthbearer_set_token_failure(client, fault);
                return;
            }

            if (_warned == fault)
                return;
            _warned = fault;
        }

        warn?.Invoke(fault);
    }
}
