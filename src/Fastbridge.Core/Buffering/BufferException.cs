namespace Fastbridge.Core.Buffering;

/// <summary>A buffer folder that cannot be used; the message is one line: which, why, and the remedy.</summary>
public sealed class BufferException(string message) : Exception(message);
